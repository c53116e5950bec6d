import { element } from './element.ts';
import { tasksPage } from './tasks.ts';

/** The pages, by the path of their address. */
const pages: Readonly<Record<string, () => Promise<readonly Node[]>>> = {
  '/': tasksPage,
  '/about': async () => [
    element('h1', {}, 'About'),
    element('p', {}, 'This address is no file: it answers with the page, which shows this.'),
  ],
};

const notFound = async () => [element('h1', {}, 'Not here')];

async function show() {
  const page = pages[location.pathname] ?? notFound;
  document.getElementById('main')?.replaceChildren(...(await page()));
}

// Links within the app change the page and the address, and load nothing.
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  show();
});
addEventListener('popstate', show);
show();
