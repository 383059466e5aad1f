const STAR = 42;
const QUESTION = 63;

/**
 * Whether `value` matches `pattern`, where `*` is any run and `?` one UTF-16 unit, case-sensitively.
 *
 * Only the latest `*` is ever tried again: at most pattern × value steps, in practice one pass, never exponential.
 */
export function matchPattern(pattern: string, value: string): boolean {
  let at = 0;
  let patternAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (at < value.length) {
    const expected = patternAt < pattern.length ? pattern.charCodeAt(patternAt) : -1;
    if (expected === STAR) {
      starAt = patternAt++;
      resumeAt = at;
    } else if (expected === QUESTION || expected === value.charCodeAt(at)) {
      patternAt++;
      at++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      at = ++resumeAt;
    } else {
      return false;
    }
  }
  while (patternAt < pattern.length && pattern.charCodeAt(patternAt) === STAR) patternAt++;
  return patternAt === pattern.length;
}

/** {@link matchPattern} prepared for one pattern: everything, an exact text and a prefix need no scan. */
export function compilePattern(pattern: string): (value: string) => boolean {
  if (/^\*+$/.test(pattern)) return () => true;
  if (!/[*?]/.test(pattern)) return (value) => value === pattern;
  const prefix = pattern.slice(0, -1);
  if (pattern.endsWith('*') && !/[*?]/.test(prefix)) return (value) => value.startsWith(prefix);
  return (value) => matchPattern(pattern, value);
}
