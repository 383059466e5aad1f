import type { ConsoleApiDeps } from './deps.ts';
import { auditHandlers } from './handlers/audit.ts';
import { carrierHandlers } from './handlers/carriers.ts';
import { keyHandlers } from './handlers/keys.ts';
import { messageHandlers } from './handlers/messages.ts';
import { registrationHandlers } from './handlers/registration.ts';
import { reviewHandlers } from './handlers/reviews.ts';
import { sandboxHandlers } from './handlers/sandbox.ts';
import { sessionHandlers } from './handlers/session.ts';
import { tenantHandlers } from './handlers/tenants.ts';
import { webhookHandlers } from './handlers/webhook.ts';
import type { Handlers } from './operation-call.ts';

/** Every operation of the contract with its handler. */
export function consoleHandlers(deps: ConsoleApiDeps): Handlers {
  return {
    ...sessionHandlers(deps),
    ...tenantHandlers(deps),
    ...messageHandlers(deps),
    ...registrationHandlers(deps),
    ...reviewHandlers(deps),
    ...keyHandlers(deps),
    ...webhookHandlers(deps),
    ...sandboxHandlers(deps),
    ...carrierHandlers(deps),
    ...auditHandlers(deps),
  };
}
