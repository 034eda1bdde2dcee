type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that are there: what zod calls optional may be there and undefined, which is no plain JSON value. */
export const defined = <T extends Record<string, unknown>>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
