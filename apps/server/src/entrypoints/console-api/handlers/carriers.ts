import { type CarrierStatus, reasonText } from '../../../modules/sms/carriers/public.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';

type CarrierOperation = 'listCarriers' | 'createCarrier' | 'setCarrier' | 'testCarrier';

export function carrierHandlers({ carriers, queuedAt }: ConsoleApiDeps): Pick<Handlers, CarrierOperation> {
  const shown = (status: CarrierStatus) => ({
    ...status,
    linkReason: status.linkReason === null ? null : reasonText(status.linkReason),
    queued: queuedAt(status.id),
  });
  return {
    async listCarriers() {
      return { items: (await carriers.list()).map(shown) };
    },
    async createCarrier({ body }, { actor }) {
      return shown(await carriers.create(body, actor));
    },
    async setCarrier({ params, body }, { actor }) {
      return shown(await carriers.setEnabled(params.id, body.enabled, actor));
    },
    testCarrier: ({ body }) => carriers.test(body),
  };
}
