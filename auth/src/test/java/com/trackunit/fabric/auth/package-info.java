// SPDX-License-Identifier: Apache-2.0
/** Tests of the module, most of them against the Entra stand-in. */
@NullMarked
package com.trackunit.fabric.auth;

import org.jspecify.annotations.NullMarked;
