// SPDX-License-Identifier: Apache-2.0
/** A stand-in for the Kubernetes API server, as far as a port-forward sees it. */
@NullMarked
package com.trackunit.fabric.testkit.kubernetes;

import org.jspecify.annotations.NullMarked;
