import type { AccessKey } from '../../../modules/trust/accounts/public.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';

type KeyOperation = 'listKeys' | 'createKey' | 'setKeyState' | 'rotateKey';

const shown = ({ createdAt, lastUsedAt, ...key }: AccessKey) => ({
  ...key,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

export function keyHandlers({ accounts }: ConsoleApiDeps): Pick<Handlers, KeyOperation> {
  return {
    async listKeys({ params }) {
      return { items: (await accounts.listKeys(params.tenantId)).map(shown) };
    },
    async createKey({ params, body }, { actor }) {
      const { key, secret } = await accounts.createKey({
        tenantId: params.tenantId,
        remark: body.remark,
        actor,
      });
      return { key: shown(key), secret };
    },
    async setKeyState({ params, body }, { actor }) {
      return shown(await accounts.setKeyState(params.tenantId, params.keyId, body.state, actor));
    },
    async rotateKey({ params }, { actor }) {
      const { key, secret } = await accounts.rotateKey(params.tenantId, params.keyId, actor);
      return { key: shown(key), secret };
    },
  };
}
