export { actorOf, type KeyPrincipal, type Principal, type Role, type UserPrincipal } from './model.ts';
export { createNonceMemory, type NonceMemory } from './nonces.ts';
export { type Access, createAccess } from './service.ts';
