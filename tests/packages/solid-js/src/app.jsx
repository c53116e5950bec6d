import {
  createMemo,
  createResource,
  createSignal,
  ErrorBoundary,
  For,
  Show,
  Suspense,
} from 'solid-js';
import { renderToStream, renderToString } from 'solid-js/web';

function Weather() {
  const [weather] = createResource(
    () => new Promise((resolve) => setTimeout(resolve, 5, 'fair & warm')),
  );
  return <p id="weather">{weather()}</p>;
}

function Broken() {
  throw new Error('mast broken');
}

function App(props) {
  const [count] = createSignal(props.ships.length);
  const doubled = createMemo(() => count() * 2);
  return (
    <main classList={{ fleet: true, empty: false }} style={{ top: '1px' }}>
      <For each={props.ships} fallback={<i>none</i>}>
        {(name, index) => (
          <b>
            {index()}:{name}
          </b>
        )}
      </For>
      <Show when={doubled() > 2} fallback={<u>few</u>}>
        <u>{doubled()}</u>
      </Show>
      <ErrorBoundary fallback={(error) => <s>{error.message}</s>}>
        <Broken />
      </ErrorBoundary>
      <Suspense fallback={<p>asking the sky</p>}>
        <Weather />
      </Suspense>
    </main>
  );
}

export const toText = (ships) => renderToString(() => <App ships={ships} />);
export const toStream = (ships) => renderToStream(() => <App ships={ships} />);
