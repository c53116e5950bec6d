// data: URLs, Fetch Standard §6, over the tables of the Web Platform Tests.

promise_test(async () => {
  const table = await (await fetch('/fetch/data-urls/resources/data-urls.json')).json();
  for (const [url, type, bytes] of table)
    promise_test(
      async (t) => {
        if (type === null) return promise_rejects_js(t, TypeError, fetch(url));
        const response = await fetch(url);
        assert_equals(response.status, 200);
        assert_equals(response.headers.get('content-type'), type);
        assert_array_equals([...(await response.bytes())], bytes);
      },
      `fetch of ${JSON.stringify(url)}`,
    );
}, 'The table of data: URLs');
promise_test(async () => {
  const table = await (await fetch('/fetch/data-urls/resources/base64.json')).json();
  for (const [text, bytes] of table)
    promise_test(
      async (t) => {
        const url = `data:;base64,${text}`;
        if (bytes === null) return promise_rejects_js(t, TypeError, fetch(url));
        assert_array_equals([...(await (await fetch(url)).bytes())], bytes);
      },
      `fetch of ${JSON.stringify(text)} in base64`,
    );
}, 'The table of base64');
