/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { createContext } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { useContext, useMemo, useState } from 'preact/hooks';
import { renderToString, renderToStringAsync } from 'preact-render-to-string';

const Fleet = createContext('none');

function Ship({ name }: { name: string }) {
  const fleet = useContext(Fleet);
  const [crew] = useState(() => 30);
  const doubled = useMemo(() => crew * 2, [crew]);
  return (
    <li data-fleet={fleet} class={{ toString: () => 'ship' } as unknown as string}>
      {name}: {doubled}
    </li>
  );
}

const Late = lazy(async () => {
  await scheduler.wait(2);
  return { default: () => <b>late</b> };
});

export default {
  async fetch(request: Request) {
    if (new URL(request.url).pathname === '/late') {
      const html = await renderToStringAsync(
        <Suspense fallback="…">
          <Late />
        </Suspense>,
      );
      return new Response(html);
    }
    return new Response(
      renderToString(
        <Fleet.Provider value="India">
          <ul>
            {['Gabriel', 'Rafael & co'].map((name) => (
              <Ship key={name} name={name} />
            ))}
          </ul>
          <img alt="" srcset="a.png 2x" />
        </Fleet.Provider>,
      ),
    );
  },
};
