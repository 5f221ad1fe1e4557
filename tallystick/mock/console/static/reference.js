// Starts Swagger UI on the document that the page names, in a layout that stands inside the page.
"use strict";
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();

  // Its own layout has a second <main>, a choice between one server, and a heading too few.
  const layout = (Original, system) => (props) => {
    const { React, getComponent: component, specSelectors: document } = system;
    const element = React.createElement;
    const part = (name) => element(component(name, true), { key: name });
    if (document.loadingStatus() !== "success" || !document.specStr()) return element(Original, props);
    return element("div", { className: "swagger-ui" }, [
      part("SvgAssets"),
      part("errors"),
      part("InfoContainer"),
      document.securityDefinitions() && element("div", { className: "schemes", key: "schemes" }, part("AuthorizeBtnContainer")),
      part("FilterContainer"),
      element("h2", { className: "hidden-label", key: "heading" }, "Operations"),
      part("operations"),
      document.isOAS31() || document.isOAS32() ? part("Webhooks") : null,
    ]);
  };
  // Its own is a link inside a button, which a keyboard reaches twice.
  const name = (Original, system) => (props) => system.React.createElement("span", null, props.text);

  // Fields that it leaves without a name, and boxes that only a mouse could scroll.
  const root = document.getElementById("reference");
  const labels = {
    ".body-param__text": "Request body",
    ".examples-select-element": "Example",
    ".parameters select, .parameters input": "Value",
  };
  const nameFields = () => {
    for (const [selector, label] of Object.entries(labels)) {
      for (const field of root.querySelectorAll(selector)) {
        if (!field.labels?.length && !field.ariaLabel) field.ariaLabel = field.closest("tr")?.dataset.paramName ?? label;
      }
    }
    for (const table of root.querySelectorAll("table[role=region]:not([aria-label])")) table.ariaLabel = table.id;
    for (const box of root.querySelectorAll("pre:not([tabindex])")) box.tabIndex = 0;
  };
  new MutationObserver(nameFields).observe(root, { childList: true, subtree: true });

  SwaggerUIBundle({
    url: root.dataset.document,
    dom_id: "#reference",
    deepLinking: true,
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    docExpansion: "none",
    filter: true,
    // Requests to the mock send no cookie of the page, and a 401 opens no dialog of the browser.
    requestInterceptor: (request) => (request.loadSpec ? request : { ...request, credentials: "omit" }),
    plugins: [{ wrapComponents: { BaseLayout: layout, DeepLink: name } }],
    syntaxHighlight: { activated: false },
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}
