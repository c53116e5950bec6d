// The pages of the app by the path of the address.
import { type MouseEvent, type ReactNode, useSyncExternalStore } from 'react';

function subscribe(changed: () => void) {
  window.addEventListener('popstate', changed);
  return () => window.removeEventListener('popstate', changed);
}

export const usePath = () => useSyncExternalStore(subscribe, () => window.location.pathname);

export function Link({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  const go = (event: MouseEvent) => {
    event.preventDefault();
    window.history.pushState(null, '', to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  };
  return (
    <a href={to} onClick={go}>
      {children}
    </a>
  );
}
