/** Starts the page: mounts islands where the markup names them. */
import "htmx.org";
