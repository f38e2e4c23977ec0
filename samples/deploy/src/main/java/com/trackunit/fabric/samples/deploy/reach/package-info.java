// SPDX-License-Identifier: Apache-2.0
/** Who reaches whom on which port, by the Kubernetes API's rules for network policies. */
@NullMarked
package com.trackunit.fabric.samples.deploy.reach;

import org.jspecify.annotations.NullMarked;
