// SPDX-License-Identifier: Apache-2.0
/** What a token validation costs, beside its peers and beside the bare signature. */
@NullMarked
package com.trackunit.fabric.benchmarks.auth;

import org.jspecify.annotations.NullMarked;
