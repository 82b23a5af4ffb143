import { z } from 'zod';

/** Kinds of variables. A group's last word on each is `.describe(…)`: one line, for `.env.example`. */

/** Seconds, above 0 and at most a day. */
export const seconds = (fallback: number) =>
  z.coerce.number().positive().max(86_400, 'must be at most 86400').default(fallback);

/** A whole number. */
export const count = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback);

export const text = () => z.string().trim().min(1).optional();

/** A value that must never be seen: masked in what is printed, and wherever a provider repeats it. */
export const secret = (description: string) => text().meta({ description, isSecret: true });

/** Requests are made below it, so it can have nothing behind its path; nor are keys given there. */
const isBare = (value: string): boolean => {
  const { username = '', password = '' } = URL.parse(value) ?? {};
  return username + password === '' && !/[?#]/.test(value);
};

/** The address of a server. */
export const url = () =>
  z
    .url({ protocol: /^https?$/ })
    .refine(isBare, 'must be an address without user, query or fragment')
    .optional()
    .meta({ isAddress: true });

/** Several values, separated by commas. */
export const listOf = <Element extends z.ZodType<unknown, string>>(element: Element) =>
  z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(element).min(1, 'must have at least one value'))
    .optional();
