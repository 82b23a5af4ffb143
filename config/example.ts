import type { z } from 'zod';
import { groups } from './groups.ts';

const HEAD = `# Copy to .env and fill in what you need. A variable of the environment wins over one here, and one
# without a value counts as not set. Written by: npx call-agent config --example > .env.example`;

/** `# what it is for` and the variable: open when it has no default, else commented out with it. */
function lines([name, variable]: [string, z.core.$ZodType]): string {
  const { description } = variable as z.ZodType;
  const fallback = (variable as z.ZodType).safeParse(undefined).data;
  const setting = fallback === undefined ? `${name}=` : `# ${name}=${fallback as string | number}`;
  return `# ${description}\n${setting}`;
}

/** The text of `.env.example`: every variable there is, by group. */
export function envExample(): string {
  const parts = groups.map(({ title, schema }) => {
    const variables = Object.entries(schema.shape).map(lines);
    return [`## ${title}`, ...variables].join('\n\n');
  });
  return [HEAD, ...parts].join('\n\n') + '\n';
}
