// SPDX-License-Identifier: Apache-2.0
/** The application, running, and what it answers. */
@NullMarked
package com.trackunit.fabric.samples.auth.quarkus;

import org.jspecify.annotations.NullMarked;
