"""What somebody who sees badly, or works without a mouse, needs of a page; asked of the page itself in the browser.

Each function gives what is wrong, in words; nothing is wrong where the list is empty. Contrast is that of WCAG 2.1:
4.5 to 1 for text, 3 to 1 for large text and for the edges of what is typed into.
"""

LABELS = """() => {
  const named = one => {
    const said = one.getAttribute('aria-label') || one.getAttribute('title') || '';
    const by = (one.getAttribute('aria-labelledby') || '').split(/\\s+/).map(id => document.getElementById(id));
    const text = [...by, ...(one.labels || [])].map(label => label ? label.textContent : '').join('');
    return (said + text + (one.matches('a, button, summary') ? one.textContent : '')).trim();
  };
  const wanted = 'input:not([type=hidden]), select, textarea, a[href], button, summary, [role=img]';
  const found = [...document.querySelectorAll(wanted)].filter(one => !named(one)).map(one => one.outerHTML.slice(0, 120));
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  found.push(...ids.filter((id, n) => ids.indexOf(id) !== n).map(id => 'id twice: ' + id));
  const scrolls = one => one.scrollWidth > one.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX);
  const reached = one => one.tabIndex >= 0 || one.querySelector('a[href], button, input, select, textarea, [tabindex="0"]');
  found.push(...[...document.querySelectorAll('main *')].filter(one => scrolls(one) && !reached(one))
    .map(one => 'the keyboard cannot scroll: ' + one.className));
  const searches = [...document.querySelectorAll('[role=search]')].map(one => one.getAttribute('aria-label'));
  if (new Set(searches).size < searches.length) found.push('searches of the same name: ' + searches);
  found.push(...[...document.querySelectorAll('ul[role=alert], ol[role=alert]')].map(one => 'a list that is none: ' + one.className));
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  if (!document.documentElement.lang) found.push('no language');
  return found;
}"""

CONTRAST = """() => {
  const read = text => { const n = (text.match(/[\\d.]+/g) || []).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const over = (top, under) => [0, 1, 2].map(n => top[n] * top[3] + under[n] * (1 - top[3]));
  const ground = one => {
    if (!one) return [255, 255, 255];
    const own = read(getComputedStyle(one).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(one.parentElement));
  };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const shown = one => one.checkVisibility() && one.getClientRects().length && !one.closest('.visually-hidden, .skip');
  const found = {};
  const note = (what, one, is, least) => {
    if (is < least) found[`${what} ${is.toFixed(2)} < ${least}: ${one.className || one.tagName}`] ??= one.textContent.trim().slice(0, 30);
  };
  for (const one of document.querySelectorAll('body *')) {
    if (!shown(one) || one.closest('svg')) continue;
    const style = getComputedStyle(one), size = parseFloat(style.fontSize);
    if ([...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) {
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const under = ground(one);
      note('text', one, ratio(over(read(style.color), under), under), large ? 3 : 4.5);
    }
    if (one.matches('input:not([type=hidden], [type=file]), select, textarea'))
      note('edge', one, ratio(read(style.borderTopColor), ground(one.parentElement)), 3);
  }
  return Object.entries(found).map(([what, text]) => `${what}: ${text}`);
}"""

RING = """() => {
  const one = document.activeElement;
  if (one === document.body) return 'nothing has the focus';
  const style = getComputedStyle(one);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return ring || one.id === 'main' ? '' : 'the focus does not show: ' + one.outerHTML.slice(0, 100);
}"""


def unlabelled(page):
    return page.evaluate(LABELS)


def faint(page):
    return page.evaluate(CONTRAST)


def lost_focus(page, most=25):
    """Tab through the page: every stop shows where one is."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        said = page.evaluate(RING)
        found += [said] if said else []
    return found


TABLES = """() => [...document.querySelectorAll('main table')]
  .filter(one => one.checkVisibility() && !one.closest('.scroll') && one.scrollWidth > one.parentElement.clientWidth + 1)
  .map(one => `a table of ${one.scrollWidth} px in ${one.parentElement.clientWidth}: ` + one.textContent.trim().slice(0, 60))
"""


def sideways(page):
    """What sticks out: of the window, or a table of its frame, onto what stands beside it."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*([f"{wide} px too wide"] if wide > 0 else []), *page.evaluate(TABLES)]
