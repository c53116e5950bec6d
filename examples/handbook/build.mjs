// The pages of the handbook: a static site of 2,000 files. EDITION says which one.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

const pages = 1999;
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist/page', { recursive: true });

const html = (title, body) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>${title}</title></head>
  <body><h1>${title}</h1>${body}</body>
</html>
`;

for (let i = 1; i <= pages; i++) {
  const links = [i - 1, i + 1]
    .filter((page) => page >= 1 && page <= pages)
    .map((page) => `<a href="/page/${page}">Page ${page}</a>`);
  writeFileSync(`dist/page/${i}.html`, html(`Page ${i}`, `<p>${links.join(' ')}</p>`));
}
writeFileSync(
  'dist/index.html',
  html(
    `Handbook, ${process.env.EDITION ?? 'first'} edition`,
    '<p><a href="/page/1">Begin</a> or <a href="/random">anywhere</a></p>',
  ),
);
