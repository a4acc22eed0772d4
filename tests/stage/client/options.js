const given = JSON.parse(document.querySelector('script[data-stage]').dataset.stage);

/** What the stage's server decided for this page: account, language, and how Gmail behaves. */
export const options = given;
