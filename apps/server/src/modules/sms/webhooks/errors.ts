export const WEBHOOK_ERRORS = {
  endpointRefused: {
    code: 'webhook.endpoint_refused',
    http: 400,
    problem: 'endpoint_refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  deliveryNotFound: {
    code: 'webhook.delivery_not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.INVALID_PARAMETERS',
  },
} as const;
