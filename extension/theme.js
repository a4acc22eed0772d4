// Gives each page the theme that the user chose on the options page, before anything is drawn.

const apply = () => {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
};
apply();
addEventListener("storage", apply);
