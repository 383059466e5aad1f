export const CARRIER_ERRORS = {
  nameTaken: { code: 'carrier.name_taken', http: 409, problem: 'conflict', wire: 'isp.SYSTEM_ERROR' },
  notFound: { code: 'carrier.not_found', http: 404, problem: 'not_found', wire: 'isp.SYSTEM_ERROR' },
} as const;
