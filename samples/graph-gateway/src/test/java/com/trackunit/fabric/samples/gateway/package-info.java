// SPDX-License-Identifier: Apache-2.0
/** Tests of graph-gateway, over real sockets. */
@NullMarked
package com.trackunit.fabric.samples.gateway;

import org.jspecify.annotations.NullMarked;
