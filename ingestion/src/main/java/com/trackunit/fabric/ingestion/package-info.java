// SPDX-License-Identifier: Apache-2.0
/**
 * The client of tu-ingestion-service behind a Tailscale Funnel: start an upload, confirm it, and
 * know what a failure means.
 */
@NullMarked
package com.trackunit.fabric.ingestion;

import org.jspecify.annotations.NullMarked;
