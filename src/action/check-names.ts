/** The name of an app's check, or of the run's (null). Unique ones: GitHub may show them under another workflow's suite. */
export const checkName = (app: string | null, environment: string): string =>
  ["beamline", ...(app === null ? [] : [app]), environment].join(" / ");
