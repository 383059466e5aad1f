const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * Reads `yyyy-MM-ddTHH:mm:ssZ`, with or without a fraction of a second (sts-sdk sends milliseconds), into
 * milliseconds since 1970; undefined for any other form.
 */
export function readTimestamp(text: string): number | undefined {
  if (!ISO_UTC.test(text)) return undefined;
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) ? undefined : instantMs;
}
