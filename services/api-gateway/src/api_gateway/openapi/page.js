// Shows the description that stands beside this page.
window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    // The usual one is a service on the internet.
    validatorUrl: null,
  });
});
