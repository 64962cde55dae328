// The only module that touches OpenSeadragon. Its viewers supply the pointer gestures (mouse, pen, touch) and the
// viewport of each pane; a drawer and a tile source of our own supply the pixels, because the stock canvas drawer
// stretches tiles and the stock tile choice fetches coarser levels too (see docs/viewer.md).

const OSD = globalThis.OpenSeadragon;
const NO_GESTURES = {
  dragToPan: false,
  scrollToZoom: false,
  clickToZoom: false,
  dblClickToZoom: false,
  dblClickDragToZoom: false,
  pinchToZoom: false,
  flickEnabled: false,
  pinchRotate: false,
};

// OpenSeadragon adds a style element unless it finds one so marked; the content security policy would refuse it.
// An element of that name in a namespace of our own satisfies it and styles nothing.
const mark = document.createElementNS("urn:studyapp", "style");
mark.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(mark);

/** Draws by the `paint(context, size)` it is given; tiles come from the cache that all panes share. */
class ExactDrawer extends OSD.DrawerBase {
  static isSupported() {
    return typeof createImageBitmap === "function";
  }
  getType() {
    return "exact";
  }
  getSupportedDataFormats() {
    return ["imageBitmap"];
  }
  minimumOverlapRequired() {
    return false;
  }
  canRotate() {
    return false;
  }
  setImageSmoothingEnabled() {}

  _createDrawingElement() {
    return document.createElement("canvas");
  }

  draw() {
    if (!this.canvas.width) return;
    this.context ??= this.canvas.getContext("2d", { alpha: false });
    this.options.paint(this.context, { width: this.canvas.width, height: this.canvas.height });
  }

  destroy() {
    this.canvas.remove();
    super.destroy();
  }
}

/** Tells OpenSeadragon the image's size and nothing to load: the shared cache does the loading. */
class SizedSource extends OSD.TileSource {
  constructor(image) {
    super({
      width: image.width,
      height: image.height,
      tileSize: Math.max(image.width, image.height),
      minLevel: 0,
      maxLevel: 0,
    });
  }
  getTileUrl() {
    return "";
  }
  tileExists() {
    return false;
  }
}

/**
 * A pane's viewer. `gestures` holds drag({dx, dy}), wheel({x, y, amount}), pinch({x, y, factor, dx, dy}),
 * press({x, y}), click({x, y, quick}), double({x, y}) in CSS pixels of the pane.
 */
export function createViewer(root, { paint, gestures }) {
  const viewer = new OSD.Viewer({
    element: root,
    drawer: [ExactDrawer],
    drawerOptions: { custom: { paint } },
    showNavigationControl: false,
    autoResize: false,
    tabIndex: "",
    keyboardNavEnabled: false,
    animationTime: 0,
    blendTime: 0,
    immediateRender: true,
    minScrollDeltaTime: 0,
    visibilityRatio: 0,
    maxZoomPixelRatio: 32,
    minZoomImageRatio: 0,
    gestureSettingsMouse: NO_GESTURES,
    gestureSettingsTouch: NO_GESTURES,
    gestureSettingsPen: NO_GESTURES,
    gestureSettingsUnknown: NO_GESTURES,
  });
  listen(viewer, gestures);
  return {
    element: viewer.element,
    canvas: viewer.drawer.canvas,
    // Opacity 0 keeps OpenSeadragon from asking for a redraw in every frame: it never has a tile to draw.
    open: (image) => viewer.open({ tileSource: new SizedSource(image), opacity: 0 }),
    /** Device pixels of the canvas; the element itself is placed by the caller. */
    resize(size) {
      Object.assign(viewer.drawer.canvas, size);
    },
    /** Tell the viewport where the view is, at once, then draw in this very frame. */
    show(view, image, css) {
      const { viewport } = viewer;
      const width = new OSD.Point(css.width, css.height);
      if (!viewport.getContainerSize().equals(width)) viewport.resize(width, false);
      viewport.zoomTo((view.scale * image.width) / viewer.drawer.canvas.width, null, true);
      viewport.panTo(new OSD.Point(view.cx / image.width, view.cy / image.width), true);
      viewer.drawer.draw();
    },
    /** Where OpenSeadragon's viewport stands: the same for all panes of one size. */
    drawnView: () => ({ centre: viewer.viewport.getCenter(true), zoom: viewer.viewport.getZoom(true) }),
    destroy: () => viewer.destroy(),
  };
}

function listen(viewer, gestures) {
  const point = (event) => ({ x: event.position.x, y: event.position.y });
  viewer.addHandler("canvas-press", (event) => gestures.press?.(point(event)));
  viewer.addHandler("canvas-click", (event) => gestures.click?.({ ...point(event), quick: event.quick }));
  viewer.addHandler("canvas-double-click", (event) => gestures.double?.(point(event)));
  viewer.addHandler("canvas-drag", (event) =>
    gestures.drag?.({ ...point(event), dx: event.delta.x, dy: event.delta.y }),
  );
  viewer.addHandler("canvas-drag-end", (event) => gestures.dragEnd?.(point(event)));
  viewer.addHandler("canvas-scroll", (event) =>
    gestures.wheel?.({ ...point(event), amount: event.scroll, event: event.originalEvent }),
  );
  viewer.addHandler("canvas-pinch", (event) =>
    gestures.pinch?.({
      x: event.center.x,
      y: event.center.y,
      factor: event.distance / event.lastDistance,
      dx: event.center.x - event.lastCenter.x,
      dy: event.center.y - event.lastCenter.y,
    }),
  );
}
