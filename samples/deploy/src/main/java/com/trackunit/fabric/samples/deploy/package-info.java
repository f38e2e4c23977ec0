// SPDX-License-Identifier: Apache-2.0
/** Checks the manifests of the reference services, and any others' network policies. */
@NullMarked
package com.trackunit.fabric.samples.deploy;

import org.jspecify.annotations.NullMarked;
