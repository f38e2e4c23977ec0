// SPDX-License-Identifier: Apache-2.0
/** A supervised port-forward to a ClusterIP service. */
@NullMarked
package com.trackunit.fabric.portforward;

import org.jspecify.annotations.NullMarked;
