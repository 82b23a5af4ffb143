import type { z } from 'zod';

const oneOf = (values: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format(values).replace(', or ', ' or ');

/** What a value must be, to stand behind its variable's name; undefined for what has words of its own. */
export function ruleOf(issue: z.core.$ZodRawIssue): string | undefined {
  const { code } = issue;
  if (code === 'invalid_union') return 'must be a number, or off';
  if (code === 'invalid_value') return `must be ${oneOf(issue.values.map(String))}`;
  if (code === 'invalid_type') return `must be a ${issue.expected === 'int' ? 'whole ' : ''}number`;
  if (code === 'invalid_format' && issue.format === 'url') {
    return 'must be an address such as https://example.com';
  }
  if (code === 'too_small' && issue.origin !== 'string') {
    return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  }
  if (code === 'too_big' && issue.origin !== 'string') {
    return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
  }
  return undefined;
}
