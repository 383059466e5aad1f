/**
 * The nonce of a call whose action stores it with its own commit: one transaction for both is one round trip and one
 * wait less than two. Whoever answers the call without such a commit claims it first, so that every signed request is
 * answered once.
 */
export interface OpenNonce {
  /** Hands the nonce to the commit of the call; 32 hex digits. */
  take(): string;
  /** Claims it here and now unless it was taken or claimed; false when the request was seen before. */
  claim(): Promise<boolean>;
}

export function openNonce(deps: { digest(): string; remember(): Promise<boolean> | boolean }): OpenNonce {
  let isOpen = true;
  return {
    take() {
      isOpen = false;
      return deps.digest();
    },
    async claim() {
      if (!isOpen) return true;
      isOpen = false;
      return deps.remember();
    },
  };
}
