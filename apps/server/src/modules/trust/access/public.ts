export { actorOf, type KeyPrincipal, type Principal, type Role, type UserPrincipal } from './model.ts';
export { claimNonces, createNonceMemory, type NonceMemory, nonceDigest } from './nonces.ts';
export { type Access, createAccess } from './service.ts';
