// Runs only where ES modules are unknown: Internet Explorer and the compatibility mode of two-engine browsers.
(function () {
  var bar = document.createElement("p");
  bar.className = "mr-wire";
  bar.setAttribute("role", "alert");
  bar.appendChild(document.createTextNode("当前浏览器内核过旧，页面功能不完整。请把浏览器切换到“极速模式”，或换用 Chrome、Edge、360 极速浏览器。"));
  document.body.insertBefore(bar, document.body.firstChild);
})();
