// Starts GraphiQL. The build puts values in place of the names in capitals.
(() => {
  'use strict';
  const workers = WORKER_SOURCES;
  const workerUrls = {};
  for (const [label, source] of Object.entries(workers)) {
    workerUrls[label] = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  }
  window.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => workerUrls[label] };

  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
    endpoint: '/graphql',
    title: 'Stockgraph',
    logo: LOGO,
    defaultTabs: EXAMPLE_TABS,
    // Headers may hold a token, which must not outlive the browser tab.
    shouldPersistHeaders: false,
    // render-graphiql's own handler copies every keystroke into the address bar, and so into the browser's history.
    onEditQuery: undefined,
  });
})();
