/**
 * Headers of every page and asset of the console. A table instead of a helmet plugin: `/` belongs to the OpenAPI's
 * scope, whose hot path would pay for hooks of the page.
 */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'self'",
    // antd writes its styles into the page.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Over TLS only (RFC 6797 §7.2): one year, this host alone. */
export const STRICT_TRANSPORT = 'max-age=31536000';
