// The native ops, made once for all of cryptography.
export const binding = lazy('crypto').binding;
