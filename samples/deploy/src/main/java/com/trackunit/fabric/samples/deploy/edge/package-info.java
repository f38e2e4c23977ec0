// SPDX-License-Identifier: Apache-2.0
/** What Kong does with a request, read from each of the three forms in which it can be told. */
@NullMarked
package com.trackunit.fabric.samples.deploy.edge;

import org.jspecify.annotations.NullMarked;
