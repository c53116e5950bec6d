import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const render = async (template: string, view: unknown = {}) =>
    (await worker.post('/', { template, view })).text;
  const view = { ports: [{ name: 'Goa' }, { name: 'D<iu' }], speed: 5, at: '2026-03-09T10:00:00Z' };
  assert.equal(
    await render(
      "{% for port in ports %}{% render 'port' with port, forloop: forloop %}{% endfor %}",
      view,
    ),
    'GOA, D&lt;IU',
  );
  assert.equal(await render("{{ speed | knots }} {{ 'a' | later }}", view), '9.7 kn a!');
  assert.equal(await render('{{ at | date: "%d.%m.%Y %H:%M" }}', view), '09.03.2026 10:00');
  assert.equal(
    await render("{% layout 'layout' %}{% block body %}{{ 1 | plus: 2 }}{% endblock %}"),
    '<main>3</main>',
  );
  assert.equal(
    await render(
      '{% assign x = "b,a" | split: "," | sort %}{{ x | join: "-" }}{% if x contains "a" %}+{% endif %}',
    ),
    'a-b+',
  );
  assert.match(await render('{% nothing %}'), /tag "nothing" not found/);
};
