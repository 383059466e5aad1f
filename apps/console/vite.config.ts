import * as contract from '@signet/contract';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const LEAN_CONTRACT = '\0lean-contract';

/**
 * Replaces the contract in the bundle by what a client needs of it at run time: method, path and action of each
 * operation, the live topics and the constant lists. The schemas stay behind as types, so zod (about 60 kB compressed) is not shipped.
 */
function leanContract(): Plugin {
  const routes = Object.fromEntries(
    Object.entries(contract.operations).map(([name, { method, path, action }]) => [
      name,
      { method, path, action },
    ]),
  );
  const constants = Object.entries(contract).filter(([, value]) => Array.isArray(value));
  return {
    name: 'signet-lean-contract',
    enforce: 'pre',
    resolveId: (source) => (source === '@signet/contract' ? LEAN_CONTRACT : null),
    load: (id) =>
      id === LEAN_CONTRACT
        ? [['operations', routes] as const, ['liveTopics', contract.liveTopics] as const, ...constants]
            .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
            .join('\n')
        : null,
  };
}

export default defineConfig({
  plugins: [leanContract(), react()],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined asset would need `data:` in more places than img-src of the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
