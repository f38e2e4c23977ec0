// SPDX-License-Identifier: Apache-2.0
/**
 * What cannot run here, as strict as the real thing, each a main class: tu-ingestion-service with
 * its object store, svc-ai-vision-adapter, Microsoft Entra ID.
 */
@NullMarked
package com.trackunit.fabric.samples.standins;

import org.jspecify.annotations.NullMarked;
