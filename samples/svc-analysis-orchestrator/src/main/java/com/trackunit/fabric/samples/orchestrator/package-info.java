// SPDX-License-Identifier: Apache-2.0
/**
 * svc-analysis-orchestrator: turns uploads and recognitions into the analysis events that clients
 * wait for.
 */
@NullMarked
package com.trackunit.fabric.samples.orchestrator;

import org.jspecify.annotations.NullMarked;
