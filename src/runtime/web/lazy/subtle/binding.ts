// The native ops for keys.
export const binding = lazy('crypto').binding();
