/** The whole agent as text; it runs as a file (`sh agent ROOT COMMAND …`) or from standard input with its arguments appended. */
export function joinedAgent(): string;
