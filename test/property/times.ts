/** `npm run fuzz` tries five times as much as every test run does. */
const FACTOR = Number(process.env.FUZZ_FACTOR ?? 1);

export const times = (runs: number): number => runs * FACTOR;
