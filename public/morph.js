// Changes one element to equal another, touching only the differences: focus, selection, open details and scroll
// positions stay. Players and audio elements are never touched.

const key = (node) => node.dataset?.key;

/** Tags that belong to the player. */
const OURS = new Set(["AUDIO", "LEPTOS-ISLAND"]);

/** Changes `old` to equal `fresh`. Children with a `data-key` are matched by it. */
export function morph(old, fresh) {
  if (OURS.has(old.nodeName) || old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) return void (old.data = fresh.data);
  const names = new Set([...old.getAttributeNames(), ...fresh.getAttributeNames()]);
  names.delete("open"); // the reader has opened or closed it
  for (const name of names) {
    const value = fresh.getAttribute(name);
    if (value === null) old.removeAttribute(name);
    else if (value !== old.getAttribute(name)) old.setAttribute(name, value);
  }
  const stay = new Set([...fresh.children].map(key));
  for (const child of [...old.children]) if (key(child) && !stay.has(key(child))) child.remove();
  const known = new Map([...old.children].map((child) => [key(child), child]));
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = key(child) ? known.get(key(child)) : at && !key(at) ? at : undefined;
    if (!same || same !== at) old.insertBefore(same ?? child, at);
    else at = at.nextSibling;
    if (same) morph(same, child);
  }
  while (at) [at] = [at.nextSibling, at.remove()];
}
