/** The shape of a dictionary: every key of the English one must be there, with any text. */
export type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Words<T[K]> };
