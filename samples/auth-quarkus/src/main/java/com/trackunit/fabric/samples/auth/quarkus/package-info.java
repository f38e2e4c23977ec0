// SPDX-License-Identifier: Apache-2.0
/** A Quarkus application whose callers show Entra ID access tokens. */
@NullMarked
package com.trackunit.fabric.samples.auth.quarkus;

import org.jspecify.annotations.NullMarked;
